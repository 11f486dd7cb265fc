"""Forms that change only what the person at the keyboard changed."""

from typing import Any

from django import forms


class ChangedOnPage(forms.BaseForm):
    """Compares what comes back with what the page showed, not with what is stored by now.

    A page that was open for a while would otherwise bring back what others have changed since.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            # A disabled field, such as the hash of a password, is not for the page. A script may send no page's values.
            told = not self.is_bound or self.add_initial_prefix(name) in self.data
            field.show_hidden_initial = told and not field.disabled
