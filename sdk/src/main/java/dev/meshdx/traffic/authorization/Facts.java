package dev.meshdx.traffic.authorization;

import dev.meshdx.configuration.AuthorizationPolicy;
import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.Service;
import dev.meshdx.configuration.TargetReference;
import dev.meshdx.configuration.internal.ConfigurationLoader;
import dev.meshdx.configuration.internal.LoadOptions;
import dev.meshdx.configuration.internal.PolicyTarget;
import dev.meshdx.configuration.internal.RequestAuthentications;
import dev.meshdx.envoy.Bootstrap;
import dev.meshdx.envoy.ConfigDump;
import dev.meshdx.error.MeshException;
import dev.meshdx.error.MeshNotFoundException;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.model.Scope;
import dev.meshdx.model.internal.Pods;
import dev.meshdx.model.internal.Selectors;
import dev.meshdx.source.MeshSource;
import dev.meshdx.source.Session;
import dev.meshdx.traffic.Tracer;
import dev.meshdx.traffic.authorization.Workload.Kind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What was read for a question: of the proxy, and of the policies. Either may be missing, and then the other one answers.
 *
 * @param workload who is asked
 * @param dump what its proxy holds; null where that is not known
 * @param tracer the same, made ready
 * @param policies the policies; null where they are not known
 * @param isUnguarded whether there is nobody who could enforce a policy
 * @param notes what is to be said to each answer
 * @param gaps what could not be seen
 */
record Facts(
        Workload workload,
        @Nullable ConfigDump dump,
        @Nullable Tracer tracer,
        @Nullable Configuration policies,
        boolean isUnguarded,
        List<String> notes,
        List<Inconclusive> gaps) {
    private static final Set<ResourceKind> KINDS =
            Set.of(ResourceKind.AUTHORIZATION_POLICY, ResourceKind.REQUEST_AUTHENTICATION, ResourceKind.SERVICE);

    /** Of a proxy's configuration alone. */
    static Facts of(ConfigDump dump) {
        Bootstrap bootstrap = dump.bootstrap();
        Workload workload = new Workload(
                bootstrap.namespace() + "/" + bootstrap.pod(),
                Workload.kind(bootstrap.nodeType()),
                bootstrap.address(),
                target(bootstrap),
                Map.of(),
                List.of(),
                Peer.TRUST_DOMAIN);
        return new Facts(
                workload,
                dump,
                Tracer.of(dump),
                null,
                false,
                List.of(),
                dump.problem().stream().toList());
    }

    private static PolicyTarget target(Bootstrap bootstrap) {
        return new PolicyTarget(
                bootstrap.namespace(),
                bootstrap.metadata().at("LABELS").textMap(),
                bootstrap.nodeType().equals("waypoint"),
                null);
    }

    /** Reads what there is. */
    static Facts read(Session session, String namespace, String name) {
        ResourceRef ref = ResourceRef.of("Pod", namespace, name);
        Resource pod = null;
        MeshException noPod = null;
        try {
            pod = session.resource(ResourceKind.POD, namespace, name).orElse(null);
            if (pod == null) {
                session.requirePod(namespace, name);
                throw new MeshNotFoundException(
                        "There is no Pod " + name + " in namespace " + namespace + ".",
                        "Check the name and the namespace: kubectl get pods -n " + namespace);
            }
        } catch (MeshNotFoundException e) {
            throw e;
        } catch (MeshException e) {
            noPod = e;
            session.gap("pod", ref, e);
        }
        boolean files = session.source().kind() == MeshSource.Kind.MANIFESTS;
        Kind kind = pod == null ? Kind.SIDECAR : Workload.kind(pod);
        ConfigDump dump = null;
        Tracer tracer = null;
        if (pod == null || (Pods.hasEnvoy(pod) && !files)) {
            try {
                tracer = Tracer.ofConfiguration(session, namespace, name);
                dump = ConfigDump.read(session, namespace, name);
            } catch (MeshException e) {
                if (noPod != null) {
                    throw noPod;
                }
                session.gap("configuration of the proxy", ref, e);
            }
        }
        Configuration configuration =
                new ConfigurationLoader(session, Scope.namespace(namespace), LoadOptions.DEFAULT).load(KINDS);
        boolean known = configuration.read(ResourceKind.AUTHORIZATION_POLICY)
                && configuration.complete(ResourceKind.AUTHORIZATION_POLICY, namespace);
        if (pod == null && dump != null) {
            kind = Workload.kind(dump.bootstrap().nodeType());
        }
        PolicyTarget target = pod != null
                ? PolicyTarget.of(pod)
                : dump != null ? target(dump.bootstrap()) : PolicyTarget.proxy(namespace, Map.of());
        List<String> notes = new ArrayList<>();
        // A manifest says nothing of what injection adds to it.
        if (files && kind == Kind.OUTSIDE) {
            kind = Kind.SIDECAR;
        }
        String root = configuration.mesh().rootNamespace();
        if (known && !configuration.complete(ResourceKind.AUTHORIZATION_POLICY, root)) {
            notes.add("the AuthorizationPolicies of " + root + ", which hold for the mesh, could not be read");
        }
        if (kind == Kind.AMBIENT) {
            notes.add(
                    "ztunnel enforces the policies of this pod: its configuration was not looked at, and of HTTP it sees"
                            + " nothing");
            if (configuration.all(ResourceKind.AUTHORIZATION_POLICY).stream()
                    .map(AuthorizationPolicy::new)
                    .anyMatch(policy -> !policy.targets().isEmpty())) {
                notes.add("policies with targetRefs count at the waypoint: ask its pod");
            }
        }
        Workload workload = new Workload(
                namespace + "/" + name,
                kind,
                pod != null ? Pods.ip(pod) : dump != null ? dump.bootstrap().address() : "",
                target,
                pod == null ? Map.of() : Workload.portNames(pod),
                services(configuration, target),
                configuration.mesh().trustDomain());
        return new Facts(
                workload,
                dump,
                tracer,
                known ? configuration : null,
                kind == Kind.OUTSIDE,
                List.copyOf(notes),
                session.gaps());
    }

    private static List<Service> services(Configuration configuration, PolicyTarget target) {
        return configuration.in(ResourceKind.SERVICE, target.namespace()).stream()
                .map(Service::new)
                .filter(service ->
                        !service.selector().isEmpty() && Selectors.matchesMap(service.selector(), target.labels()))
                .toList();
    }

    /** What policies are looked up for: in a waypoint each of the services that policies name. */
    List<PolicyTarget> targets() {
        List<PolicyTarget> targets = new ArrayList<>(List.of(workload.target()));
        if (workload.kind() != Kind.WAYPOINT || policies == null) {
            return targets;
        }
        Set<ResourceRef> named = new HashSet<>();
        for (Resource resource : policies.all(ResourceKind.AUTHORIZATION_POLICY)) {
            for (TargetReference reference : new AuthorizationPolicy(resource).targets()) {
                if (reference.kind().equals("Service") || reference.kind().equals("ServiceEntry")) {
                    named.add(ResourceRef.of(reference.kind(), policies.namespaceOf(resource), reference.name()));
                }
            }
        }
        named.stream().sorted().map(workload.target()::forService).forEach(targets::add);
        return targets;
    }

    /** The issuers whose tokens the workload accepts. */
    Set<String> issuers() {
        Set<String> issuers = new HashSet<>();
        if (policies == null) {
            return issuers;
        }
        RequestAuthentications.of(policies, workload.target())
                .forEach(one -> one.rules().forEach(rule -> issuers.add(rule.issuer())));
        return issuers;
    }
}
