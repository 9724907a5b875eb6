package dev.meshdx.configuration.internal;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.Description;
import dev.meshdx.error.MeshNotFoundException;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.Scope;
import dev.meshdx.model.internal.Nearest;
import dev.meshdx.source.Session;
import java.util.List;

/** Reads what a description needs. */
public final class DescriptionReader {
    private DescriptionReader() {}

    /** Describes a pod. */
    public static Description pod(Session session, String namespace, String name) {
        Configuration configuration = read(session, namespace);
        Resource pod = configuration
                .find(ResourceKind.POD, namespace, name)
                .orElseThrow(() -> missing(session, configuration, ResourceKind.POD, namespace, name));
        return of(pod.ref().toString(), Describer.pod(configuration, pod), session);
    }

    /** Describes a Service. */
    public static Description service(Session session, String namespace, String name) {
        Configuration configuration = read(session, namespace);
        Resource service = configuration
                .find(ResourceKind.SERVICE, namespace, name)
                .orElseThrow(() -> missing(session, configuration, ResourceKind.SERVICE, namespace, name));
        return of(service.ref().toString(), Describer.service(configuration, service), session);
    }

    /**
     * Describes a host.
     *
     * @param hostAndPort with a port or without
     */
    public static Description host(Session session, String namespace, String hostAndPort) {
        int colon = hostAndPort.lastIndexOf(':');
        boolean hasPort = colon > 0 && hostAndPort.substring(colon + 1).matches("[0-9]{1,5}");
        String written = hasPort ? hostAndPort.substring(0, colon) : hostAndPort;
        int port = hasPort ? Integer.parseInt(hostAndPort.substring(colon + 1)) : 0;
        Configuration configuration = read(session, namespace);
        String host = ServiceRegistry.resolve(configuration, namespace, written);
        return of(
                "host " + host + (port == 0 ? "" : ":" + port),
                Describer.host(configuration, namespace, host, port),
                session);
    }

    private static Configuration read(Session session, String namespace) {
        return new ConfigurationLoader(session, Scope.namespace(namespace), LoadOptions.DEFAULT).load(Describer.INPUTS);
    }

    private static Description of(String subject, Describer.Result result, Session session) {
        return Description.of(subject, result.facts(), result.applied(), session.gaps());
    }

    private static MeshNotFoundException missing(
            Session session, Configuration configuration, ResourceKind kind, String namespace, String name) {
        if (kind.equals(ResourceKind.POD)) {
            session.requirePod(namespace, name);
        }
        List<String> near = Nearest.to(
                name,
                configuration.in(kind, namespace).stream().map(Resource::name).toList());
        return new MeshNotFoundException(
                "There is no " + kind.kind() + " " + name + " in namespace " + namespace + ".",
                near.isEmpty()
                        ? "Check the name and the namespace: kubectl get " + kind.qualifiedPlural() + " -n " + namespace
                        : "Did you mean " + String.join(", ", near) + "?");
    }
}
