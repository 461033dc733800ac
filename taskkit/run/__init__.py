"""Agents played over a taskset: runs, their trajectories, and what they show."""
