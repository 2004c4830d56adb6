"""SMS → Opt-out keywords: the words that stop all texts to whoever answers with one (MIT-22)."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from integrations import audit
from integrations.admin.base import WorkspaceScopedAdmin
from integrations.admin.cells import moment
from integrations.admin.forms import WorkspaceModelForm
from integrations.admin.site import console_site
from integrations.policy import membership_of
from integrations.roles import Capability
from sms import stop_words
from sms.keywords import fold
from sms.models import OptOutKeyword


class KeywordForm(WorkspaceModelForm):
    """One word; how it is compared is worked out here."""

    def clean_word(self) -> str:
        typed = str(self.cleaned_data["word"])
        if self.instance.pk and typed == self.instance.word:
            return typed
        word = stop_words.clean_word(typed)
        self.instance.folded = fold(word)
        return word


@admin.register(OptOutKeyword, site=console_site)
class KeywordAdmin(WorkspaceScopedAdmin):
    """Words are added and removed; a wrong one is removed and added anew."""

    menu_group, menu_icon, menu_order = "SMS", "block", 70
    menu_title = _("Opt-out keywords")
    view_capability = add_capability = delete_capability = Capability.MANAGE_SMS
    empty_hint = _("No word yet: nobody can opt out by answering.")

    form = KeywordForm
    fields = ("word",)
    list_display = ("word", "added")
    list_before_template = "patchbay/sms/keyword_suggestions.html"
    search_fields = ("word__istartswith",)
    search_help_text = _("The beginning of a word.")

    @admin.display(description=_("Added"))
    def added(self, keyword: OptOutKeyword) -> SafeString:
        return moment(keyword.created_at)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        english, others = stop_words.missing_suggestions()
        context = {
            "english_words": english,
            "other_words": others,
            "is_without_words": not OptOutKeyword.objects.exists(),
        }
        page: HttpResponse = super().changelist_view(request, {**context, **(extra_context or {})})
        return page


@console_site.page(
    "sms/optoutkeyword/suggested/",
    name="sms_keywords_suggested",
    title=_("Opt-out keywords"),
    capability=Capability.MANAGE_SMS,
    group="SMS",
    in_menu=False,
    methods=("POST",),
)
def add_suggested(request: HttpRequest) -> HttpResponse:
    """Add the suggested words that are missing: the English ones, or those of other languages."""
    english, others = stop_words.missing_suggestions()
    added = stop_words.add_words(others if request.POST.get("language") == "other" else english)
    if added:
        actor = membership_of(request).user
        audit.record(actor, "optoutkeyword.added", ", ".join(added), request=request)
        messages.success(request, _t("Added: %(words)s.") % {"words": ", ".join(added)})
    return HttpResponseRedirect(reverse("admin:sms_optoutkeyword_changelist"))
