"""What a private link leads to."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from sellers.enums import Language
from sellers.tokens import digest, new_salt, token_known_as


class PrivateLink(models.Model):
    """A row that whoever has its link may open; its pages are in sellers/links.py."""

    language = models.CharField(_("language"), max_length=2, choices=Language)
    # Half of the link; the other half is the SECRET_KEY (sellers/tokens.py).
    token_salt = models.CharField(max_length=32, blank=True, editable=False)
    token_digest = models.CharField(
        max_length=64,
        null=True,
        blank=True,
        unique=True,
        editable=False,
    )

    class Meta:
        abstract = True

    @property
    def token(self) -> str:
        """Return the secret of the link."""
        return token_known_as(self.token_digest, self.token_salt)

    def make_link(self, *, salt: str | None = None) -> None:
        """Set a link that nobody has yet, or that of a `salt_of` something."""
        self.token_salt = salt or new_salt()
        self.renew_digest()

    def renew_digest(self) -> None:
        """Let the link be found that is mailed now: another one when its key was forgotten."""
        self.token_digest = digest(self.token)
