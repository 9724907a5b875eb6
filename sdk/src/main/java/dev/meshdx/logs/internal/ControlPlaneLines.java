package dev.meshdx.logs.internal;

import dev.meshdx.logs.LineKind;
import dev.meshdx.logs.LogLine;

/** Lines about the connection to the control plane. */
final class ControlPlaneLines {
    private ControlPlaneLines() {}

    /** Whether a line says that the connection was lost. */
    static boolean isClosed(LogLine line) {
        String message = line.message();
        if (line.kind() == LineKind.ENVOY) {
            return message.contains("gRPC config stream to xds-grpc closed")
                    || message.contains("gRPC config stream closed")
                    || message.contains("Unable to establish new stream to configuration management server");
        }
        return line.kind() == LineKind.AGENT
                && (message.contains("upstream terminated with unexpected error")
                        || message.contains("failed to connect to upstream"));
    }

    /** Whether a line says that there is a connection again. */
    static boolean isConnected(LogLine line) {
        return line.kind() == LineKind.AGENT
                && (message(line).contains("connected to upstream XDS server")
                        || message(line).contains("connected to delta upstream XDS server"));
    }

    private static String message(LogLine line) {
        return line.message();
    }
}
