"""What figures look like on the wire. Output only."""

from typing import Any

from rest_framework import serializers

from backend.figures.report import Report
from cameras.api.fields import Instant


class HouseholdsShape(serializers.Serializer[Any]):
    wards = serializers.IntegerField(help_text="with a neighborhood here")
    neighborhoods = serializers.IntegerField()
    households = serializers.IntegerField(help_text="that live there at `at`")
    with_code = serializers.IntegerField(help_text="ever given a code")
    reached = serializers.IntegerField(help_text="of which a phone was ever let in")
    reached_now = serializers.IntegerField(help_text="of which one is let in still")


class CamerasShape(serializers.Serializer[Any]):
    planned = serializers.IntegerField(help_text="entered and not retired, deployed or not")
    deployed = serializers.IntegerField(help_text="approved")
    working = serializers.IntegerField(
        allow_null=True, help_text="null for the past, and where few cameras would tell which"
    )
    ownership = serializers.DictField(child=serializers.IntegerField())
    purpose = serializers.DictField(child=serializers.IntegerField())
    kind = serializers.DictField(child=serializers.IntegerField())
    makes = serializers.DictField(child=serializers.IntegerField(), help_text="of those deployed")
    retention_hours = serializers.ListField(
        child=serializers.IntegerField(), allow_null=True, help_text="shortest and longest of those deployed"
    )


class WatchingFiguresShape(serializers.Serializer[Any]):
    minutes = serializers.IntegerField(help_text="of footage served")
    households = serializers.IntegerField()
    by_role = serializers.DictField(child=serializers.IntegerField())


class AlertLineShape(serializers.Serializer[Any]):
    raised = serializers.IntegerField()
    withdrawn = serializers.IntegerField()
    verdicts = serializers.DictField(child=serializers.IntegerField())


class AlertFiguresShape(serializers.Serializer[Any]):
    total = AlertLineShape()
    categories = serializers.DictField(child=AlertLineShape())
    sources = serializers.DictField(child=AlertLineShape())
    acknowledged = serializers.IntegerField()
    minutes_to_acknowledge = serializers.FloatField(allow_null=True, help_text="median")


class CasesShape(serializers.Serializer[Any]):
    opened = serializers.IntegerField()
    clarified = serializers.IntegerField()
    offences = serializers.IntegerField()
    helped = serializers.IntegerField(help_text="cases to which footage was of use")
    extractions = serializers.IntegerField()
    used = serializers.IntegerField()
    not_used = serializers.IntegerField()
    what_helped = serializers.DictField(child=serializers.IntegerField())


class FootageFiguresShape(serializers.Serializer[Any]):
    """Of the requests made in the span, whenever they were answered; counted from the audit chain."""

    voluntary, demands = serializers.IntegerField(), serializers.IntegerField()
    urgent = serializers.IntegerField(help_text="of both")
    cameras = serializers.IntegerField(help_text="once for each request")
    granted = serializers.IntegerField()
    not_granted = serializers.IntegerField(help_text="refused or not answered")
    taken_back = serializers.IntegerField(help_text="requests")
    handed_over = serializers.IntegerField(help_text="packages")
    used, not_used = serializers.IntegerField(), serializers.IntegerField()
    hours_to_grant = serializers.FloatField(allow_null=True, help_text="median")


class MoneyShape(serializers.Serializer[Any]):
    """Whole đồng."""

    received = serializers.IntegerField(help_text="from households, refunds deducted")
    spent = serializers.IntegerField()
    held = serializers.IntegerField(help_text="at the end of the last day")
    campaigns = serializers.IntegerField()


class FiguresShape(serializers.Serializer[Any]):
    def get_fields(self) -> dict[str, Any]:
        return {
            "neighborhood": serializers.UUIDField(allow_null=True),
            "ward": serializers.UUIDField(allow_null=True),
            "province": serializers.CharField(allow_null=True),
            "from": serializers.DateField(),  # a word of Python's
            "to": serializers.DateField(),
            "at": Instant(help_text="of households and cameras"),
            "households": HouseholdsShape(),
            "cameras": CamerasShape(),
            "watching": WatchingFiguresShape(
                allow_null=True, help_text="null where fewer than five households watched"
            ),
            "alerts": AlertFiguresShape(),
            "cases": CasesShape(
                allow_null=True, help_text="to others than the police: of a ward, a month, once it is over"
            ),
            "footage": FootageFiguresShape(allow_null=True, help_text="as `cases`; null of a neighborhood"),
            "money": MoneyShape(),
        }


def statistics_shape(report: Report) -> dict[str, Any]:
    scope, span = report.scope, report.span
    named = {"neighborhood": scope.neighborhood_id, "ward": scope.ward_id, "province": scope.province_code}
    facts = named | {"from": span.first, "to": span.last, "at": report.at} | report.plain()
    return dict(FiguresShape(facts).data)
