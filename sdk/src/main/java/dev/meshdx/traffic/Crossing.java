package dev.meshdx.traffic;

/**
 * How a request gets from one hop to the next. Immutable.
 *
 * @param address the address that is connected to, {@code IP:port}; empty where it is not known
 * @param share which share of the requests go this way, in percent
 * @param sent what the sender speaks
 * @param verdict how it ends at the other side
 * @param because why, in a sentence
 */
public record Crossing(String address, double share, Sent sent, Verdict verdict, String because) {
    /** What the sender speaks. */
    public enum Sent {
        /** Plain text. */
        PLAINTEXT("plain text"),
        /** Mutual TLS with the certificate of the workload. */
        MTLS("mTLS"),
        /** TLS, or mutual TLS with another certificate. */
        TLS("TLS"),
        /** Mutual TLS to an HBONE tunnel, and inside it what the application sends. */
        HBONE("HBONE"),
        /** It is not known. */
        UNKNOWN("unknown");

        private final String text;

        Sent(String text) {
            this.text = text;
        }

        /** For people. */
        @Override
        public String toString() {
            return text;
        }
    }

    /** How it stands between two hops. */
    public enum Verdict {
        /** Both sides speak mutual TLS. */
        MTLS,
        /** TLS, but without the identities of the mesh. */
        TLS,
        /** Plain text, and the other side takes it. */
        PLAINTEXT,
        /** The other side does not take what the sender speaks: the connection fails. */
        CONFLICT,
        /** The other side could not be looked at. */
        UNKNOWN
    }

    /** One line. */
    @Override
    public String toString() {
        return (address.isEmpty() ? "" : address + " ") + "by " + sent
                + (verdict == Verdict.CONFLICT ? ": CONFLICT" : verdict == Verdict.UNKNOWN ? ": not known" : "")
                + (because.isEmpty() ? "" : " (" + because + ")");
    }
}
