package dev.meshdx.traffic.authorization;

import dev.meshdx.traffic.HttpRequest;
import dev.meshdx.traffic.internal.Addresses;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who sends a request: a workload of the mesh, an identity, or somebody without one. Immutable.
 *
 * <pre>{@code
 * Peer.workload("production", "sleep").from("10.0.0.5")
 * }</pre>
 */
public final class Peer {
    private static final String SCHEME = "spiffe://";

    /** The trust domain where the mesh names none. Source: Istio, {@code MeshConfig.trustDomain}. */
    static final String TRUST_DOMAIN = "cluster.local";

    private static final Peer PLAINTEXT = new Peer("", "", "", "");

    private final String identity;
    private final String namespace;
    private final String serviceAccount;
    private final String address;

    private Peer(String identity, String namespace, String serviceAccount, String address) {
        this.identity = identity;
        this.namespace = namespace;
        this.serviceAccount = serviceAccount;
        this.address = address;
    }

    /**
     * A workload of the mesh, that calls with mutual TLS; its trust domain is that of the mesh.
     *
     * @throws IllegalArgumentException if one of them is empty or holds a slash
     */
    public static Peer workload(String namespace, String serviceAccount) {
        if (namespace.isEmpty() || serviceAccount.isEmpty() || (namespace + serviceAccount).indexOf('/') >= 0) {
            throw new IllegalArgumentException("Expected a namespace and a service account, not \"" + namespace
                    + "\" and \"" + serviceAccount + "\"");
        }
        return new Peer("", namespace, serviceAccount, "");
    }

    /**
     * Somebody who calls with mutual TLS.
     *
     * @param identity {@code spiffe://cluster.local/ns/production/sa/sleep}; without {@code spiffe://} as in the principals of
     *     policies
     * @throws IllegalArgumentException if it is empty
     */
    public static Peer identity(String identity) {
        String bare = identity.startsWith(SCHEME) ? identity.substring(SCHEME.length()) : identity;
        if (bare.isBlank()) {
            throw new IllegalArgumentException("Expected an identity such as spiffe://cluster.local/ns/shop/sa/cart");
        }
        return new Peer(SCHEME + bare, "", "", "");
    }

    /** Somebody who calls in plain text, or with TLS and no certificate: without an identity. */
    public static Peer plaintext() {
        return PLAINTEXT;
    }

    /** The one that a request carries: its client certificate or that of its tunnel, and its source. */
    static Peer of(HttpRequest request) {
        Optional<String> identity = request.tls()
                .map(HttpRequest.Tls::clientCertificate)
                .filter(name -> !name.isEmpty())
                .or(request::tunnel);
        return new Peer(
                identity.orElse(""),
                "",
                "",
                request.source().map(Addresses::host).orElse(""));
    }

    /**
     * The same from an address, which rules with {@code ipBlocks} look at.
     *
     * @param address {@code 10.0.0.5}
     */
    public Peer from(String address) {
        return new Peer(identity, namespace, serviceAccount, Objects.requireNonNull(address, "address"));
    }

    /** Its address, where it was given. */
    public Optional<String> address() {
        return Optional.of(address).filter(given -> !given.isEmpty());
    }

    /** Whether it has no identity. */
    public boolean isPlaintext() {
        return identity.isEmpty() && namespace.isEmpty();
    }

    /** Its identity in a mesh; empty for none. */
    String identityIn(String trustDomain) {
        return namespace.isEmpty() ? identity : SCHEME + trustDomain + "/ns/" + namespace + "/sa/" + serviceAccount;
    }

    /** One line. */
    @Override
    public String toString() {
        String who = isPlaintext()
                ? "a client without identity"
                : namespace.isEmpty() ? identity : namespace + "/" + serviceAccount;
        return address.isEmpty() ? who : who + " at " + address;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Peer that
                && identity.equals(that.identity)
                && namespace.equals(that.namespace)
                && serviceAccount.equals(that.serviceAccount)
                && address.equals(that.address);
    }

    @Override
    public int hashCode() {
        return Objects.hash(identity, namespace, serviceAccount, address);
    }
}
