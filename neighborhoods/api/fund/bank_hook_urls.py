"""``/hooks/bank/``: messengers of banks, each with its own proof."""

from django.urls import URLPattern, path

from neighborhoods.api.fund import bank_hook

urlpatterns: list[URLPattern] = [
    path("<str:provider>/<uuid:endpoint_id>/", bank_hook.BankHookView.as_view(), name="bank-hook")
]
