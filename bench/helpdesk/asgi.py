"""The same kind of server as the product's: Django's WSGI handler behind a2wsgi."""

from a2wsgi import WSGIMiddleware
from django.core.wsgi import get_wsgi_application

application = WSGIMiddleware(get_wsgi_application(), workers=6)
