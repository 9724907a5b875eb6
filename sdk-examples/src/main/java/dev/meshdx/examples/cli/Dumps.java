package dev.meshdx.examples.cli;

import dev.meshdx.envoy.ConfigDump;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Config dumps from files and from standard input. */
final class Dumps {
    private Dumps() {}

    static InputStream open(String file) throws IOException {
        return file.equals("-") ? System.in : Files.newInputStream(Path.of(file));
    }

    static ConfigDump read(InputStream in) throws IOException {
        return ConfigDump.parse(in);
    }
}
