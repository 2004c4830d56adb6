"""Model forms whose new rows belong to the workspace in scope."""

from typing import Any

from django import forms

from integrations.tenancy import current_workspace_id


class WorkspaceModelForm(forms.ModelForm):  # type: ignore[type-arg]
    """Sets the workspace before validation, so that constraints that name it are checked.

    Foreign keys to workspace models cannot be declared in a form at module level: their choices
    are only known inside a workspace. Admin classes build their forms per request.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.workspace_id is None:
            self.instance.workspace_id = current_workspace_id()

    def _get_validation_exclusions(self) -> set[str]:
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return excluded - {"workspace"}
