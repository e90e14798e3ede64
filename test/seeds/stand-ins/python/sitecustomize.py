"""What the articles' jobs in Python call and do not have: Python reads this file by itself before any program."""

import builtins
import os
import time


class ValidationError(Exception):
    pass


class DatabaseError(Exception):
    pass


def fetch_users_to_process():
    if os.getenv("DATABASE") == "down":
        raise OSError("no database")
    return ["alice", "bad", "bob"]


def process_user(user):
    if user == "bad":
        raise ValidationError(user)


def process_order(order):
    if order == "lost":
        raise DatabaseError(order)


builtins.ValidationError = ValidationError
builtins.DatabaseError = DatabaseError
builtins.fetch_users_to_process = fetch_users_to_process
builtins.fetch_orders_to_process = lambda: ["lost", "kept"]
builtins.process_user = process_user
builtins.process_order = process_order

# Their work is to sleep.
time.sleep = lambda seconds: None
