package dev.meshdx.envoy.origin;

import dev.meshdx.model.ResourceRef;

/**
 * A likely reason why a resource became nothing, or not all that it asks for, on a proxy.
 *
 * @param type what kind of reason it is
 * @param message the reason as a sentence that names things and values
 * @param resource the resource whose field decides: the one asked about, or another one such as a Sidecar
 * @param field the path of that field, such as {@code spec.exportTo}; empty where no field decides
 * @param value what stands there; empty where nothing does
 */
public record Obstacle(Type type, String message, ResourceRef resource, String field, String value) {
    /** What stands in the way. */
    public enum Type {
        /** {@code exportTo} hides it from the proxy's namespace. */
        NOT_EXPORTED,
        /** The Sidecar in force does not import it. */
        NOT_IMPORTED,
        /** It is for the Gateways that it lists, or for sidecars, and this proxy is the other. */
        OTHER_GATEWAY,
        /** It lists a Gateway that does not exist. */
        GATEWAY_UNKNOWN,
        /** No server of the Gateway takes its hosts. */
        HOST_NOT_SERVED,
        /** No Service or ServiceEntry has its host, or none that the proxy can see. */
        HOST_UNKNOWN,
        /** Its selector does not match the pod's labels. */
        NOT_SELECTED,
        /** It is in a namespace where it does not concern this proxy. */
        OTHER_NAMESPACE,
        /** Its rules are for other clients. */
        OTHER_SOURCE,
        /** Another resource decides instead. */
        OVERRULED,
        /** The protocol of the port is not one that its rules are for. */
        PROTOCOL,
        /** There are no ports. */
        NO_PORTS,
        /** What finds the endpoints finds none, or does not fit. */
        NO_ENDPOINTS,
        /** It is a part of another resource, under whose name its objects stand. */
        PART_OF_ANOTHER,
        /** Nothing refers to it that would give it something to do. */
        NOTHING_BOUND,
        /** The proxy refused what would hold it. */
        REJECTED,
        /** The proxy waits for something before it uses what would hold it. */
        WARMING,
        /** It is newer than everything that the proxy has. */
        STALE,
        /** It does not exist any more, and the proxy still has what came from it. */
        GONE,
        /** Proxies of this type do nothing with it. */
        PROXY_TYPE,
        /** Its traces cannot be told from the rest of the configuration. */
        NOT_VISIBLE,
        /** None of the reasons that are known. */
        UNKNOWN
    }

    /** One line. */
    @Override
    public String toString() {
        return message + (field.isEmpty() ? "" : " (" + resource + ", " + field + ")");
    }
}
