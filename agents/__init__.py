"""What learns: recipes for Stable-Baselines3, the training reward, policies and their files."""
