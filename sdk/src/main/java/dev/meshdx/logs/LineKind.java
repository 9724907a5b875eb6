package dev.meshdx.logs;

/** Who wrote a line: several writers share the log of {@code istio-proxy}. */
public enum LineKind {
    /** Envoy's access log, in Istio's text format, Envoy's own, or JSON. */
    ACCESS,
    /** Envoy's application log. */
    ENVOY,
    /** The proxy agent; in istiod's log: istiod. */
    AGENT,
    /** Anything else: the continuation of the line before, output of a Wasm module, a custom access log format. */
    OTHER
}
