"""The baseline: Flask's own get_json and jsonify under the same gunicorn, set like ours."""

from __future__ import annotations

import sys
from dataclasses import replace

from flask import Flask, Response, jsonify, request

from cds_service.cli.server import Server
from cds_service.settings import Settings
from tests.contract.bodies import SIGN

CARD = {
    "uuid": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
    "summary": "An order could be checked",
    "indicator": "info",
    "detail": "One card of ordinary length, which says what was found, what is missing, and who says so.",
    "source": {"label": "A baseline", "url": "https://ehr.example.org"},
}

app = Flask(__name__)


@app.post(f"/cds-services/{SIGN}")
def one_card() -> Response:
    body = request.get_json()
    return jsonify({"cards": [CARD] if body["context"]["draftOrders"]["entry"] else []})


if __name__ == "__main__":
    Server(replace(Settings(), port=0, workers=int(sys.argv[1])), app).run()
