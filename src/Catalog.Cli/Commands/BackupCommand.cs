using System.CommandLine;
using Catalog.Sdk;

namespace Catalog.Cli.Commands;

/// <summary><c>catalog backup &lt;file&gt;</c>: a consistent copy of a running catalog.</summary>
internal static class BackupCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("file") { Description = "Where to write the archive; - for standard output" };
        var objects = new Option<bool>("--objects") { Description = "Include the bytes of uploaded objects; else their inventory only" };
        var command = new Command("backup", "Writes a consistent backup of a running catalog; only administrators may") { file, objects };
        return command.WithConnection().Does(async (call, ct) =>
        {
            var target = call.Required(file);
            if (target == "-")
            {
                await using var stream = call.Terminal.OpenOut();
                await WriteAsync(call, stream, call.Value(objects), ct);
                return;
            }

            var bytes = await SaveAsync(call, target, call.Value(objects), ct);
            var answer = new { File = Path.GetFullPath(target), Bytes = bytes };
            call.Screen.Show(answer, ("backup", target), ("size", call.Screen.Bytes(bytes)));
        });
    }

    private static Task WriteAsync(Call call, Stream stream, bool includeObjects, CancellationToken ct) =>
        call.WatchBytesAsync("Backing up", async bytes =>
        {
            await call.Catalog.BackupAsync(stream, includeObjects, bytes, ct);
            await stream.FlushAsync(ct);
            return stream;
        });

    /// <summary>The archive appears under its name when it is whole. It holds everything, so only its owner may read it.</summary>
    private static async Task<long> SaveAsync(Call call, string target, bool includeObjects, CancellationToken ct)
    {
        if (Path.GetDirectoryName(Path.GetFullPath(target)) is { } folder && !Directory.Exists(folder))
            throw new CatalogException(null, "client.file_not_found", $"The folder '{folder}' is not there.");

        var partial = $"{target}.{Guid.CreateVersion7():N}.part";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Options = FileOptions.Asynchronous };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

        try
        {
            long bytes;
            await using (var stream = new FileStream(partial, options))
            {
                await WriteAsync(call, stream, includeObjects, ct);
                bytes = stream.Length;
            }

            File.Move(partial, target, overwrite: true);
            return bytes;
        }
        finally
        {
            File.Delete(partial);
        }
    }
}
