package dev.meshdx.traffic.internal;

import java.util.List;
import java.util.Locale;

/** What a listener knows of a connection when it chooses a filter chain, and its filters when they decide. Immutable. */
public final class Connection {
    private static final byte[] UNKNOWN = {};

    private final String destination;
    private final byte[] destinationBytes;
    private final int port;
    private final String source;
    private final byte[] sourceBytes;
    private final int sourcePort;
    private final String directSource;
    private final byte[] directSourceBytes;
    private final String transport;
    private final List<String> applicationProtocols;
    private final String serverName;
    private final String lowerServerName;

    /**
     * A connection.
     *
     * @param destination the original destination's address; empty where it is not known
     * @param port the original destination's port
     * @param source the client's address; empty where it is not known
     * @param sourcePort the client's port
     * @param directSource the direct peer's address
     * @param transport {@code tls} or {@code raw_buffer}, as detected
     * @param applicationProtocols as offered or detected, in order
     * @param serverName as offered and detected; empty for none
     */
    public Connection(
            String destination,
            int port,
            String source,
            int sourcePort,
            String directSource,
            String transport,
            List<String> applicationProtocols,
            String serverName) {
        this.destination = destination;
        this.destinationBytes = Addresses.bytes(destination).orElse(UNKNOWN);
        this.port = port;
        this.source = source;
        this.sourceBytes = Addresses.bytes(source).orElse(UNKNOWN);
        this.sourcePort = sourcePort;
        this.directSource = directSource;
        this.directSourceBytes = directSource.equals(source)
                ? sourceBytes
                : Addresses.bytes(directSource).orElse(UNKNOWN);
        this.transport = transport;
        this.applicationProtocols = applicationProtocols;
        this.serverName = serverName;
        this.lowerServerName = serverName.toLowerCase(Locale.ROOT);
    }

    /** The original destination's address; empty where it is not known. */
    public String destination() {
        return destination;
    }

    byte[] destinationBytes() {
        return destinationBytes;
    }

    /** The original destination's port. */
    public int port() {
        return port;
    }

    /** The client's address; empty where it is not known. */
    public String source() {
        return source;
    }

    byte[] sourceBytes() {
        return sourceBytes;
    }

    /** The client's port. */
    public int sourcePort() {
        return sourcePort;
    }

    /** The direct peer's address. */
    public String directSource() {
        return directSource;
    }

    byte[] directSourceBytes() {
        return directSourceBytes;
    }

    /** {@code tls} or {@code raw_buffer}, as detected. */
    public String transport() {
        return transport;
    }

    /** As offered or detected, in order. */
    public List<String> applicationProtocols() {
        return applicationProtocols;
    }

    /** As offered and detected; empty for none. */
    public String serverName() {
        return serverName;
    }

    String lowerServerName() {
        return lowerServerName;
    }

    /** Whether it comes from this machine. */
    boolean isLocal() {
        return source.equals("127.0.0.1")
                || source.equals("::1")
                || (sourceBytes.length > 0 && java.util.Arrays.equals(sourceBytes, destinationBytes));
    }
}
