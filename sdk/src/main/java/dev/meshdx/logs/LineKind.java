package dev.meshdx.logs;

/** Who wrote a line: several writers share the log of {@code istio-proxy}. */
public enum LineKind {
    /** Envoy's access log: in Istio's text format, Envoy's own, JSON, or a format that the mesh configuration defines. */
    ACCESS("of requests"),
    /** Envoy's application log. */
    ENVOY("of Envoy"),
    /** The proxy agent; in istiod's log: istiod. */
    AGENT("of the agent or istiod"),
    /** ztunnel: its messages, and its connections, which have {@link LogLine#access()} too. */
    ZTUNNEL("of ztunnel"),
    /** Anything else: output of a Wasm module or of another program, an access log in a format that is not known. */
    OTHER("not understood");

    private final String words;

    LineKind(String words) {
        this.words = words;
    }

    /** For a sentence: {@code 7 of Envoy}. */
    String words() {
        return words;
    }
}
