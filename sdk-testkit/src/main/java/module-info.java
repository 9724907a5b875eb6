import org.jspecify.annotations.NullMarked;

/** Fake meshes for tests. Start with {@link dev.meshdx.testkit.FakeMesh}. */
@NullMarked
module dev.meshdx.testkit {
    requires static transitive org.jspecify;
    requires transitive dev.meshdx.sdk;
    requires static org.assertj.core;
    requires static org.junit.jupiter.api;
    requires okhttp3.tls;
    requires okio;
    requires org.bouncycastle.pkix;
    requires org.bouncycastle.provider;
    requires org.yaml.snakeyaml;

    exports dev.meshdx.testkit;
    exports dev.meshdx.testkit.junit;
}
