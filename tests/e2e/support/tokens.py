"""A server that gives out OAuth2 access tokens, and an IMAP server's hook
that takes them.

    with TokenServer() as tokens:
        tokens.url, tokens.requests     what it was asked
        tokens.good                     the token that is valid now
"""

import base64
import http.server
import json
import re
import threading
import urllib.parse

REFRESH = "cAnArY7-refresh/+ &="
SECRET = "cAnArY7-client%20secret"


class TokenServer:
    """expires_in and more go into each answer; status and error make it
    refuse."""

    def __init__(self, expires_in=3600):
        self.answer = {"token_type": "Bearer"}
        if expires_in is not None:
            self.answer["expires_in"] = expires_in
        self.status, self.error, self.raw = 200, None, None
        self.refresh = REFRESH
        self.requests, self.good, self.count = [], None, 0
        owner = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                owner.take(self)

            def log_message(self, *args):
                pass

        self._http = http.server.ThreadingHTTPServer(("127.0.0.1", 0),
                                                     Handler)
        self.port = self._http.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/token"
        self._thread = threading.Thread(target=self._http.serve_forever,
                                        daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *exc):
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    def take(self, request):
        length = int(request.headers["Content-Length"])
        fields = dict(urllib.parse.parse_qsl(
            request.rfile.read(length).decode(), keep_blank_values=True))
        fields["content-type"] = request.headers["Content-Type"]
        self.requests.append(fields)
        body = self.raw if self.raw is not None else \
            json.dumps(self.judge(fields)).encode()
        request.send_response(self.status)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    def judge(self, fields):
        if self.error:
            return {"error": self.error,
                    "error_description": f"about {fields}"}
        if fields.get("refresh_token") != self.refresh:
            self.status = 400
            return {"error": "invalid_grant"}
        self.count += 1
        self.good = f"cAnArY7-token-{self.count}"
        return {**self.answer, "access_token": self.good}


def take_token(tokens, name="fake"):
    """A hook for AUTHENTICATE of the scripted server."""
    def hook(session, tag, rest):
        mechanism, _, initial = rest.partition(" ")
        if mechanism != "XOAUTH2":
            return False
        if not initial:
            session.line("+ ")
            initial = session.read_line().decode().strip()
        text = base64.b64decode(initial).decode()
        if text == f"user={name}\1auth=Bearer {tokens.good}\1\1":
            session.line(f"{tag} OK in")
            return True
        session.line("+ " + base64.b64encode(
            b'{"status":"400","schemes":"Bearer"}').decode())
        # or a command that was sent with the login is taken for the answer
        if not re.fullmatch(rb"(A\d+ .*)?\r\n", session.read_line()):
            session.server.failures.append(AssertionError("not empty"))
        session.line(f"{tag} NO [AUTHENTICATIONFAILED] bad token")
        return True
    return hook
