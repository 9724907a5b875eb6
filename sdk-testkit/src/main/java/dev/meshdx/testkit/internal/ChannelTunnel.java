package dev.meshdx.testkit.internal;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Port-forward with {@code v4.channel.k8s.io}: each message starts with the number of its channel; the channels 2i and 2i+1
 * carry the data and the errors of port i, and each begins with the port as two bytes, the low one first.
 *
 * <p>Source: Kubernetes, {@code kubelet} streaming {@code portforward/websocket.go}.
 */
final class ChannelTunnel {
    private static final int PORTION = 32 * 1024;

    private final WebSocket socket;
    private final List<Integer> ports;
    private final ExecutorService executor;
    private final PodPorts.Dialer dialer;

    ChannelTunnel(WebSocket socket, List<Integer> ports, ExecutorService executor, PodPorts.Dialer dialer) {
        this.socket = socket;
        this.ports = ports;
        this.executor = executor;
        this.dialer = dialer;
    }

    /** Serves until the pod or the client has ended all connections. */
    void serve() throws IOException, InterruptedException {
        List<Pipe> pipes = new ArrayList<>();
        CountDownLatch over = new CountDownLatch(1);
        CountDownLatch clientGone = new CountDownLatch(1);
        AtomicInteger open = new AtomicInteger(ports.size());
        List<Future<?>> tasks = new ArrayList<>();
        try {
            for (int i = 0; i < ports.size(); i++) {
                int port = ports.get(i);
                byte[] prefix = {(byte) port, (byte) (port >> 8)};
                send(2 * i, prefix, 0, 2);
                send(2 * i + 1, prefix, 0, 2);
                pipes.add(new Pipe());
            }
            for (int i = 0; i < ports.size(); i++) {
                int index = i;
                tasks.add(executor.submit(() -> {
                    try {
                        talk(index, pipes.get(index));
                    } finally {
                        if (open.decrementAndGet() == 0) {
                            over.countDown();
                        }
                    }
                }));
            }
            tasks.add(executor.submit(() -> {
                try {
                    receive(pipes);
                } finally {
                    pipes.forEach(Pipe::end);
                    clientGone.countDown();
                    over.countDown();
                }
            }));
            over.await();
            socket.close(1000);
            // The client's goodbye, or what it still sends: closing at once could tear away the last answer.
            boolean said = clientGone.await(1, TimeUnit.SECONDS);
            assert said || clientGone.getCount() > 0;
        } finally {
            pipes.forEach(Pipe::end);
            tasks.forEach(task -> task.cancel(true));
        }
    }

    private void talk(int index, Pipe received) {
        try {
            dialer.talk(ports.get(index), received, output(2 * index));
        } catch (PodPorts.RefusedException e) {
            byte[] text = String.valueOf(e.getMessage()).getBytes(StandardCharsets.UTF_8);
            try {
                send(2 * index + 1, text, 0, text.length);
            } catch (IOException gone) {
                // There is nobody to tell.
            }
        } catch (IOException e) {
            // The client has gone.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            received.end();
        }
    }

    private void receive(List<Pipe> pipes) {
        try {
            for (byte[] message = socket.read(); message != null; message = socket.read()) {
                int channel = message.length == 0 ? 1 : message[0] & 0xff;
                if (channel % 2 == 0 && channel / 2 < pipes.size()) {
                    pipes.get(channel / 2).put(Arrays.copyOfRange(message, 1, message.length));
                }
            }
        } catch (IOException e) {
            // The client has gone.
        }
    }

    private OutputStream output(int channel) {
        return new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                for (int at = 0; at < length; at += PORTION) {
                    send(channel, bytes, offset + at, Math.min(PORTION, length - at));
                }
            }
        };
    }

    private void send(int channel, byte[] bytes, int offset, int length) throws IOException {
        byte[] message = new byte[1 + length];
        message[0] = (byte) channel;
        System.arraycopy(bytes, offset, message, 1, length);
        socket.write(message, 0, message.length);
    }
}
