"""A running service with keys and a subscriber: who gets in, and who is told what was folded."""

from __future__ import annotations

import json
from collections.abc import Callable

from parish import report
from running import Service, wait_for
from servers.site import Reply, Request, Site
from standardwebhooks import Webhook


def test_keys_made_beside_a_run_open_it_and_a_subscriber_hears_what_is_folded(
    own_service: Callable[..., Service], site: Site
) -> None:
    service = own_service(delivery_retry_seconds=0.1)
    service.start()
    told: list[Request] = []

    def take(request: Request) -> Reply:
        told.append(request)
        return Reply(status=500 if len(told) == 1 else 200)

    site.routes["/hook"] = take
    assert service.http.get("/v1/stories").status_code == 200
    admin = made(service, "desk", "admin")
    wait_for(lambda: service.http.get("/v1/stories").status_code == 401, 10)

    service.http.headers["Authorization"] = f"Bearer {admin}"
    subscription = service.post("/v1/subscriptions", {"url": site.url("/hook"), "kinds": ["created"]})
    [item] = service.post("/v1/links", {"urls": [site.serve("/a", report(951))]})["items"]
    [link] = service.settled([item["id"]])
    wait_for(lambda: len(told) >= 2, 60, service.said)
    assert {request.headers["webhook-id"] for request in told} == {told[0].headers["webhook-id"]}
    message = Webhook(subscription["secret"]).verify(told[1].body, told[1].headers)
    assert (message["type"], message["data"]["story_id"]) == ("story.created", link["story_id"])
    assert json.loads(told[0].body) == message

    reading = made(service, "reader", "read")
    headers = {"Authorization": f"Bearer {reading}"}
    assert service.http.get("/v1/stories", headers=headers).status_code == 200
    assert service.http.get("/v1/subscriptions", headers=headers).status_code == 403
    assert service.command("keys", "revoke", "2").returncode == 0
    wait_for(lambda: service.http.get("/v1/stories", headers=headers).status_code == 401, 10)
    assert admin not in service.log.read_text()
    assert [entry["action"] for entry in service.every("/v1/audit")] == [
        "key.revoked",
        "key.made",
        "subscription.made",
        "key.made",
    ]


def made(service: Service, name: str, scope: str) -> str:
    """A key, made at the command line beside the run."""
    done = service.command("keys", "make", name, "--scope", scope)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
