module consumer {
    requires dev.meshdx.sdk;
    requires dev.meshdx.testkit;
}
