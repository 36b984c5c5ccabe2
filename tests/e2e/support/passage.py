"""A proxy of the kinds that the option proxy knows: SOCKS4 (and 4a), SOCKS5,
HTTP CONNECT.

    with Passage(names={"imap.invalid": "127.0.0.1"}) as passage:
        f"SOCKS5:127.0.0.1:{passage.port}"
        passage.targets                  the (host, port) asked for
"""

import contextlib
import select
import socket
import threading


class Passage:
    """names: what the proxy alone can resolve.  refuse: each request."""

    def __init__(self, names=None, refuse=False):
        self.names, self.refuse = names or {}, refuse
        self.targets = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._wake, self._woken = socket.socketpair()
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *exc):
        self._wake.close()
        self._thread.join()
        self._listener.close()
        self._woken.close()

    def _accept(self):
        while True:
            ready, _, _ = select.select([self._listener, self._woken],
                                        [], [])
            if self._woken in ready:
                return
            client, _ = self._listener.accept()
            threading.Thread(target=self._serve, args=(client,),
                             daemon=True).start()

    def _serve(self, client):
        with client, contextlib.suppress(OSError, EOFError):
            first = self._exact(client, 1)
            talk = {b"\x05": self._socks5, b"\x04": self._socks4}.get(
                first, self._http)
            talk(client)

    @staticmethod
    def _exact(sock, count):
        data = b""
        while len(data) < count:
            more = sock.recv(count - len(data))
            if not more:
                raise EOFError
            data += more
        return data

    def _until(self, sock, end):
        data = b""
        while not data.endswith(end):
            data += self._exact(sock, 1)
        return data[:-len(end)]

    def _socks5(self, client):
        self._exact(client, self._exact(client, 1)[0])
        client.sendall(b"\x05\x00")
        kind = self._exact(client, 4)[3]
        if kind == 3:
            host = self._exact(client, self._exact(client, 1)[0]).decode()
        elif kind == 1:
            host = socket.inet_ntoa(self._exact(client, 4))
        else:
            host = socket.inet_ntop(socket.AF_INET6, self._exact(client, 16))
        port = int.from_bytes(self._exact(client, 2), "big")
        self._connect(client, host, port,
                      b"\x05\x00\x00\x01" + bytes(6),
                      b"\x05\x05\x00\x01" + bytes(6))

    def _socks4(self, client):
        self._exact(client, 1)
        port = int.from_bytes(self._exact(client, 2), "big")
        address = self._exact(client, 4)
        self._until(client, b"\0")
        host = self._until(client, b"\0").decode() \
            if address[:3] == b"\0\0\0" else socket.inet_ntoa(address)
        self._connect(client, host, port, b"\0\x5a" + bytes(6),
                      b"\0\x5b" + bytes(6))

    def _http(self, client):
        head = self._until(client, b"\r\n\r\n").decode()
        # The first letter was read to tell the kinds apart.
        method, target = head.split(" ")[:2]
        if method != "ONNECT":
            client.sendall(b"HTTP/1.1 405 No\r\n\r\n")
            return
        host, _, port = target.rpartition(":")
        self._connect(client, host, int(port),
                      b"HTTP/1.1 200 Connected\r\n\r\n",
                      b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")

    def _connect(self, client, host, port, good, bad):
        self.targets.append((host, port))
        server = None
        if not self.refuse:
            with contextlib.suppress(OSError):
                server = socket.create_connection(
                    (self.names.get(host, host), port), 20)
        if server is None:
            client.sendall(bad)
            return
        with server:
            client.sendall(good)
            self._relay(client, server)

    @staticmethod
    def _relay(client, server):
        ends = {client: server, server: client}
        while True:
            for end in select.select(list(ends), [], [])[0]:
                data = end.recv(65536)
                if not data:
                    return
                ends[end].sendall(data)
