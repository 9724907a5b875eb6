package dev.meshdx.testkit.bench;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes a config dump for measurements of whole processes. */
public final class WriteConfigDump {
    private WriteConfigDump() {}

    /** Megabytes, and the file. */
    public static void main(String[] arguments) throws IOException {
        int services = (int) (Long.parseLong(arguments[0]) * 1_000_000 / ConfigDumps.BYTES_PER_SERVICE);
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(Path.of(arguments[1])))) {
            ConfigDumps.write(out, services);
        }
    }
}
