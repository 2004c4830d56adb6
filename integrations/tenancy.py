"""The workspace that the running code works for, as a context variable.

Models that belong to a workspace have two managers. ``objects`` answers only inside
:func:`workspace_scope` and then shows that workspace's rows alone; ``unscoped`` sees every row and
is meant for the few places that must look across workspaces: intake by connection key, the
sweeper, operators' pages and tests. Web requests enter the scope in
``integrations.middleware.WorkspaceMiddleware``, jobs as soon as they know whom they work for.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Self, TypeVar

from django.db import models

if TYPE_CHECKING:
    from integrations.models import Workspace

_workspace_id: ContextVar[int | None] = ContextVar("patchbay_workspace_id", default=None)


class WorkspaceScopeMissing(RuntimeError):  # noqa: N818 - reads as what is wrong
    """A workspace's rows were asked for while no workspace was in scope."""


def current_workspace_id() -> int:
    """The primary key of the workspace in scope; raises WorkspaceScopeMissing without one."""
    workspace_id = _workspace_id.get()
    if workspace_id is None:
        raise WorkspaceScopeMissing(
            "No workspace is in scope. Enter workspace_scope(...) first, or use .unscoped where "
            "looking across workspaces is the point."
        )
    return workspace_id


@contextmanager
def workspace_scope(workspace: "Workspace | int") -> Iterator[None]:
    """Work for one workspace (an instance or its primary key) until the block ends."""
    workspace_id = workspace if isinstance(workspace, int) else workspace.pk
    token = _workspace_id.set(workspace_id)
    try:
        yield
    finally:
        _workspace_id.reset(token)


ModelT = TypeVar("ModelT", bound=models.Model)


class WorkspaceQuerySet(models.QuerySet[ModelT]):
    """Rows that belong to a workspace."""

    def for_workspace(self, workspace: "Workspace | int") -> Self:
        """Only the rows of one workspace (an instance or its primary key)."""
        return self.filter(workspace_id=workspace if isinstance(workspace, int) else workspace.pk)


class ScopedManager(models.Manager[ModelT]):
    """The default manager: shows the rows of the workspace in scope, and refuses without one."""

    def get_queryset(self) -> models.QuerySet[ModelT]:
        return super().get_queryset().filter(workspace_id=current_workspace_id())


class UnscopedManager(models.Manager[ModelT]):
    """Every workspace's rows. Each use is a place to look at in review."""


class WorkspaceOwned(models.Model):
    """Base of every model whose rows belong to exactly one workspace."""

    workspace = models.ForeignKey(
        "integrations.Workspace", on_delete=models.CASCADE, related_name="+", editable=False
    )

    objects = ScopedManager.from_queryset(WorkspaceQuerySet)()
    unscoped = UnscopedManager.from_queryset(WorkspaceQuerySet)()

    class Meta:
        abstract = True
