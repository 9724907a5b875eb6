package dev.meshdx.source.internal.kubeconfig;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import okhttp3.tls.HeldCertificate;

/** A small proxy: CONNECT over plain TCP or TLS, or SOCKS 5. Whatever it is asked for, it connects to the port on localhost. */
final class TestProxy implements AutoCloseable {
    enum Kind {
        HTTP,
        HTTPS,
        SOCKS
    }

    final List<String> asked = new CopyOnWriteArrayList<>();
    private final Kind kind;
    private final ServerSocket listener;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();

    TestProxy(Kind kind) throws IOException {
        this.kind = kind;
        InetAddress loopback = InetAddress.getByName("127.0.0.1");
        if (kind == Kind.HTTPS) {
            HeldCertificate certificate = new HeldCertificate.Builder()
                    .signedBy(TestCluster.CA)
                    .addSubjectAlternativeName("localhost")
                    .build();
            listener = TestCluster.serverSide(certificate)
                    .sslContext()
                    .getServerSocketFactory()
                    .createServerSocket(0, 10, loopback);
        } else {
            listener = new ServerSocket(0, 10, loopback);
        }
        start(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "test-proxy");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        while (true) {
            try {
                Socket socket = listener.accept();
                sockets.add(socket);
                start(() -> serve(socket));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try {
            InputStream in = socket.getInputStream();
            OutputStream out = socket.getOutputStream();
            int port = kind == Kind.SOCKS ? socks(new DataInputStream(in), out) : connect(in, out);
            if (port < 0) {
                socket.close();
                return;
            }
            Socket target = new Socket("127.0.0.1", port);
            sockets.add(target);
            start(() -> copy(target, socket));
            copy(socket, target);
        } catch (IOException e) {
            // The client went away.
        }
    }

    private int connect(InputStream in, OutputStream out) throws IOException {
        String head = head(in);
        asked.add(head);
        String target = head.substring("CONNECT ".length(), head.indexOf(" HTTP/"));
        out.write("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        return Integer.parseInt(target.substring(target.lastIndexOf(':') + 1));
    }

    private static String head(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (!head.toString(StandardCharsets.US_ASCII).endsWith("\r\n\r\n")) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("end");
            }
            head.write(next);
        }
        return head.toString(StandardCharsets.US_ASCII);
    }

    private int socks(DataInputStream in, OutputStream out) throws IOException {
        in.readByte();
        in.skipNBytes(in.readUnsignedByte());
        out.write(new byte[] {5, 0});
        in.skipNBytes(3);
        int type = in.readUnsignedByte();
        byte[] address = new byte[type == 3 ? in.readUnsignedByte() : 4];
        in.readFully(address);
        int port = in.readUnsignedShort();
        asked.add((type == 3 ? new String(address, StandardCharsets.US_ASCII) : "address") + ":" + port);
        out.write(new byte[] {5, 0, 0, 1, 127, 0, 0, 1, 0, 0});
        return port;
    }

    private static void copy(Socket from, Socket to) {
        try (from;
                to) {
            from.getInputStream().transferTo(to.getOutputStream());
        } catch (IOException e) {
            // One of them went away.
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
