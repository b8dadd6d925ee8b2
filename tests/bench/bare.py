"""The baseline: Flask's own get_json and jsonify under the same gunicorn, set like ours."""

from __future__ import annotations

import sys
from dataclasses import replace

from flask import Flask, Response, jsonify, request

from cds_service.cli.server import Server
from cds_service.settings import Settings
from tests.contract.bodies import SIGN

app = Flask(__name__)


@app.post(f"/cds-services/{SIGN}")
def echo() -> Response:
    request.get_json()
    return jsonify({"cards": []})


if __name__ == "__main__":
    Server(replace(Settings(), port=int(sys.argv[1]), workers=1), app).run()
