"""django-helpdesk as its own documentation sets it up, in a virtual environment of its own."""
