"""The ridge of least test error: in closed form where there is one, and certified for any problem."""
