"""The reinforcement-learning research environment for hybrid data centres: bitcoin mining and GPU work behind one
meter.
"""

from hybrid_env.tasks import load_task, register_tasks, task_names

__version__ = "0.1.0"

__all__ = ["__version__", "load_task", "register_tasks", "task_names"]

register_tasks()
