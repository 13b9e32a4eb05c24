"""The HTTP side: a thin door into `storyfold`. `app.create_app` makes it; importing does nothing."""
