package dev.meshdx.diagnosis;

import java.util.Locale;

/** The five steps of an operator's routine, in their order. */
public enum Step {
    /** Is the control plane up, and is every proxy in sync with it? */
    HEALTH,
    /** What is wrong in the configuration, before any traffic flows? */
    CONFIGURATION,
    /** What did the proxy really receive, and which way do requests go? */
    TRAFFIC,
    /** What do the sidecars say happened? */
    LOGS,
    /** Do mTLS modes, certificates and trust fit together? */
    SECURITY;

    /** In lower case, as in JSON. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
