"""The Celery side: queues, processes and the one place where the whole chain of stages can be read (`tasks`)."""
