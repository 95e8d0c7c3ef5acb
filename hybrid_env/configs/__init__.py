"""Sites, markets and tasks as data; a package so that Hydra finds them as `pkg://hybrid_env.configs`."""
