import org.jspecify.annotations.NullMarked;

/** Diagnoses Istio service meshes. Start with {@link dev.meshdx.Mesh}. */
@NullMarked
module dev.meshdx.sdk {
    requires static transitive org.jspecify;
    requires com.fasterxml.jackson.core;
    // Not used here, but by client-java: an automatic module resolves no named one.
    requires com.google.gson;
    requires io.kubernetes.client.java;
    requires io.kubernetes.client.java.api;
    requires okhttp3;
    requires okio;
    requires org.bouncycastle.pkix;
    requires org.bouncycastle.provider;
    requires org.slf4j;
    requires org.yaml.snakeyaml;
    requires re2j;

    uses dev.meshdx.configuration.ConfigurationCheck;

    exports dev.meshdx;
    exports dev.meshdx.analysis;
    exports dev.meshdx.annotation;
    exports dev.meshdx.changes;
    exports dev.meshdx.check;
    exports dev.meshdx.configuration;
    exports dev.meshdx.diagnosis;
    exports dev.meshdx.envoy;
    exports dev.meshdx.envoy.admin;
    exports dev.meshdx.envoy.diff;
    exports dev.meshdx.envoy.origin;
    exports dev.meshdx.error;
    exports dev.meshdx.finding;
    exports dev.meshdx.health;
    exports dev.meshdx.interop;
    exports dev.meshdx.logs;
    exports dev.meshdx.model;
    exports dev.meshdx.report;
    exports dev.meshdx.security;
    exports dev.meshdx.source;
    exports dev.meshdx.traffic;
    exports dev.meshdx.traffic.authorization;
}
