package dev.meshdx.envoy.origin;

import dev.meshdx.envoy.ResourceState;
import dev.meshdx.model.Json;
import java.util.Locale;
import java.util.Optional;

/** One piece of a proxy's configuration that came from a resource, or that uses what came from it. Immutable. */
public final class GeneratedObject {
    /** What it is, in Envoy's terms. */
    public enum Type {
        /** A cluster. */
        CLUSTER,
        /** A host of a cluster. */
        ENDPOINT,
        /** A listener. */
        LISTENER,
        /** A filter chain of a listener. */
        FILTER_CHAIN,
        /** A policy in a role based access control filter (RBAC). */
        RBAC_POLICY,
        /** A provider of a JSON web token filter. */
        JWT_PROVIDER,
        /** A route configuration. */
        ROUTE_CONFIGURATION,
        /** A virtual host of a route configuration. */
        VIRTUAL_HOST,
        /** A route of a virtual host. */
        ROUTE,
        /** A secret. */
        SECRET,
        /** A filter that was delivered by itself. */
        EXTENSION;

        /** In words: {@code filter chain}. */
        @Override
        public String toString() {
            return this == RBAC_POLICY
                    ? "RBAC policy"
                    : this == JWT_PROVIDER
                            ? "JWT provider"
                            : name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }
    }

    /** How one knows that it belongs to the resource, the surest first. */
    public enum Link {
        /** Istio wrote the resource into its metadata. */
        METADATA("by Istio's metadata"),
        /** Its name, port, host or address is the one that Istio gives to what it makes of the resource. */
        NAME("by name"),
        /** It did not come from the resource, but holds or uses what did. */
        USE("uses it");

        private final String text;

        Link(String text) {
            this.text = text;
        }

        /** In words: {@code by Istio's metadata}. */
        @Override
        public String toString() {
            return text;
        }
    }

    private final Type type;
    private final String name;
    private final String in;
    private final ResourceState state;
    private final String error;
    private final Link link;
    private final String summary;
    private final Object view;
    private final Json raw;

    GeneratedObject(
            Type type,
            String name,
            String in,
            ResourceState state,
            String error,
            Link link,
            String summary,
            Object view,
            Json raw) {
        this.type = type;
        this.name = name;
        this.in = in;
        this.state = state;
        this.error = error;
        this.link = link;
        this.summary = summary;
        this.view = view;
        this.raw = raw;
    }

    /** What it is. */
    public Type type() {
        return type;
    }

    /** Its name; for an endpoint the address, for a filter chain without a name what it takes. */
    public String name() {
        return name;
    }

    /** What it is a part of, from the outside in: {@code 9080 > reviews.production.svc.cluster.local:9080}; may be empty. */
    public String in() {
        return in;
    }

    /** What the proxy does with it, or with the resource that it is a part of. */
    public ResourceState state() {
        return state;
    }

    /** Why the newest version was refused, in Envoy's words. */
    public Optional<String> error() {
        return error.isEmpty() ? Optional.empty() : Optional.of(error);
    }

    /** How one knows that it belongs to the resource. */
    public Link link() {
        return link;
    }

    /** What it does, in a few words: what a route takes and where it sends it, the health of an endpoint. */
    public String summary() {
        return summary;
    }

    /** It as Envoy prints it. */
    public Json raw() {
        return raw;
    }

    /** The typed view of it; for policies and providers of filters the JSON. */
    Object view() {
        return view;
    }

    /** One of each, though the same routes may stand in several filter chains; the surest link wins. */
    String key() {
        return type + "\n" + in + "\n" + name + "\n" + state + "\n" + (type == Type.ROUTE ? raw : "");
    }

    /** One line. */
    @Override
    public String toString() {
        return type + " " + name + (in.isEmpty() ? "" : " in " + in) + " " + state + " (" + link + ")"
                + (error.isEmpty() ? "" : ": " + error);
    }
}
