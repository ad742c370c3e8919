"""A forwarder before the server: it speaks TLS when it has a certificate, and
keeps what clients sent."""

import socket
import socketserver
import ssl
import subprocess
import threading


class Forwarder:
    def __init__(self, target, certificate=None):
        """Forwards to the port target; certificate is a file with certificate and key."""
        self.sent = bytearray()
        outer = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                with socket.create_connection(("127.0.0.1", outer.target)) as there:
                    back = threading.Thread(target=pump, args=(there, self.request, None), daemon=True)
                    back.start()
                    pump(self.request, there, outer.sent)
                    back.join()

        class TCP(socketserver.ThreadingTCPServer):
            daemon_threads = True
            request_queue_size = 128

            def get_request(self):
                client, address = self.socket.accept()
                if certificate:
                    client = context.wrap_socket(client, server_side=True, do_handshake_on_connect=False)
                return client, address

            def handle_error(self, request, client_address):
                pass  # a client that went away

        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
        self.target = target
        self.server = TCP(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def pump(source, sink, copy):
    try:
        while data := source.recv(65536):
            if copy is not None:
                copy += data
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def certificate(folder):
    """Makes a certificate for 127.0.0.1 that is its own authority."""
    path = folder / "cert.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
                    "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(folder / "key.pem"), "-out", str(path)], check=True, capture_output=True)
    path.write_bytes(path.read_bytes() + (folder / "key.pem").read_bytes())
    return path
