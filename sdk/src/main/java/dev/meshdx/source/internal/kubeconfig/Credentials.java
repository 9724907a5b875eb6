package dev.meshdx.source.internal.kubeconfig;

import java.io.IOException;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Where the proof of who we are comes from. Safe for use by several threads. */
interface Credentials extends AutoCloseable {
    /** Nobody in particular. */
    Credentials ANONYMOUS = always(new Credential(null, null));

    /**
     * What to prove it with right now.
     *
     * @param authorization the value of the {@code Authorization} header
     * @param identity the client certificate
     */
    record Credential(
            @Nullable String authorization, @Nullable ClientIdentity identity) {
        /** Whether a server that refused the one would refuse the other. */
        boolean sameAs(Credential other) {
            return Objects.equals(authorization, other.authorization)
                    && (identity == other.identity || (identity != null && identity.sameCertificate(other.identity)));
        }

        /** Shows no token. */
        @Override
        public String toString() {
            return "Credential[authorization=" + (authorization == null ? "none" : "[redacted]") + ", identity="
                    + identity + "]";
        }
    }

    /**
     * The credential in force; may run a plug-in or read a file.
     *
     * @param canceled tells that nobody waits any more
     * @throws CredentialException if there is none
     */
    Credential current(BooleanSupplier canceled) throws IOException;

    /**
     * Another credential after the server refused one; the same one if there is no other to be had.
     *
     * @throws CredentialException if getting one failed
     */
    Credential renewed(Credential refused, BooleanSupplier canceled) throws IOException;

    @Override
    void close();

    /** One that never changes. */
    static Credentials always(Credential credential) {
        return new Credentials() {
            @Override
            public Credential current(BooleanSupplier canceled) {
                return credential;
            }

            @Override
            public Credential renewed(Credential refused, BooleanSupplier canceled) {
                return refused;
            }

            @Override
            public void close() {}
        };
    }
}
