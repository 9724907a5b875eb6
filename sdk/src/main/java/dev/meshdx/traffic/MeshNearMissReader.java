package dev.meshdx.traffic;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.internal.ConfigurationLoader;
import dev.meshdx.configuration.internal.LoadOptions;
import dev.meshdx.envoy.ConfigDump;
import dev.meshdx.envoy.origin.ObstacleFinder;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.model.Scope;
import dev.meshdx.source.Session;
import java.util.ArrayList;
import java.util.List;

/** Reads what {@link MeshNearMisses} need, where a trace ends in a way that makes it worth it. */
final class MeshNearMissReader {
    private MeshNearMissReader() {}

    /** The trace with the near misses that only the configuration of the mesh can tell, and notes of what could not be read. */
    static Trace complete(Session session, String namespace, String pod, Tracer tracer, Trace trace) {
        if (!MeshNearMisses.isWorthALook(trace)) {
            return trace;
        }
        // What cannot be read here takes nothing from the trace itself.
        Session aside = session.fork();
        Configuration configuration = new ConfigurationLoader(aside, Scope.namespace(namespace), LoadOptions.DEFAULT)
                .load(MeshNearMisses.KINDS);
        ConfigDump dump = ConfigDump.read(aside, namespace, pod);
        ObstacleFinder finder = ObstacleFinder.read(aside, configuration, dump, ResourceRef.of("Pod", namespace, pod));
        List<NearMiss> misses = MeshNearMisses.of(
                configuration, finder, trace, tracer.destinations().of(trace.request()));
        List<String> notes = new ArrayList<>();
        for (Inconclusive gap : aside.gaps()) {
            notes.add("near misses may lack what is in " + gap.what() + ", which could not be read: " + gap.message()
                    + (gap.remedy().isEmpty() ? "" : " " + gap.remedy()));
        }
        return trace.with(misses, notes);
    }
}
