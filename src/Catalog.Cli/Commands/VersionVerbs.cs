using System.CommandLine;
using System.Globalization;
using Catalog.Cli.Printing;
using Catalog.Sdk;

namespace Catalog.Cli.Commands;

/// <summary>
/// Verbs that datasets and models share: <c>files</c>, <c>urls</c>, <c>download</c>, <c>verify</c>, <c>alias</c>, <c>unalias</c>,
/// <c>retire</c>.
/// </summary>
internal static class VersionVerbs
{
    public delegate Task<VersionReader> Open(CatalogClient catalog, QualifiedName name, VersionRef version, CancellationToken ct);

    public static Command Files(NodeArgument node, Open open)
    {
        var limit = SharedOptions.Limit();
        var command = new Command("files", "Lists the files of a version") { limit };
        node.AddTo(command);
        return command.Does(async (call, ct) =>
        {
            var reader = await open(call.Catalog, call.Name(node), call.Version(node), ct);
            await call.Screen.ListAsync(
                NotShown.TellAsync(call.Terminal, reader.Files(ct), f => f.Projection, ct),
                call.Value(limit),
                ct,
                new("PATH", f => f.Path),
                new("BYTES", f => f.Bytes?.ToString(CultureInfo.InvariantCulture), Right: true),
                new("ROWS", f => f.Rows?.ToString(CultureInfo.InvariantCulture), Right: true),
                new("SHA-256", f => f.Sha256),
                new("URI", f => f.Uri, PipesOnly: true));
        });
    }

    public static Command Urls(NodeArgument node, Open open)
    {
        var file = new Option<string?>("--file") { Description = "Only the file of this logical path" };
        var prefix = new Option<string?>("--prefix") { Description = "Only files whose logical paths begin so" };
        var minutes = new Option<int?>("--minutes")
        {
            Description = "How long the addresses are good (else what the server was told, or 15)",
            HelpName = "minutes",
        }.Between(1, 7 * 24 * 60);
        var limit = SharedOptions.Limit();
        var command = new Command("urls", "Prints addresses of a version's files, to be read without a key until they run out")
        {
            file, prefix, minutes, limit,
        };
        node.AddTo(command);
        return command.Does(async (call, ct) =>
        {
            if (call.Value(file) is not null && call.Value(prefix) is not null)
                throw new UsageException("--file and --prefix do not go together.");
            var reader = await open(call.Catalog, call.Name(node), call.Version(node), ct);
            var lifetime = call.Value(minutes) is { } whole ? TimeSpan.FromMinutes(whole) : (TimeSpan?)null;
            var files = call.Value(file) is { } path
                ? new[] { await reader.SignAsync(path, lifetime, ct) }.ToAsyncEnumerable()
                : reader.SignedFiles(call.Value(prefix), lifetime, ct);
            var told = NotShown.TellAsync(call.Terminal, files, f => f.Projection, ct);
            await ShowAsync(call.Screen, call.Value(limit) is { } most ? told.Take(most) : told, ct);
        });
    }

    public static Command Download(NodeArgument node, Open open)
    {
        var file = new Option<string?>("--file") { Description = "Only the file of this logical path" };
        var output = new Option<string?>("--output", "-o")
        {
            Description = "Folder (else the version's name); with --file a file, or - for standard output",
        };
        var signed = new Option<bool>("--signed")
        {
            Description = "By signed addresses: straight from the bucket, which this machine then has to reach",
        };
        var command = new Command("download", "Downloads a version's files, checked against its manifest") { file, output, signed };
        node.AddTo(command);
        return command.Does(async (call, ct) =>
        {
            var reader = await open(call.Catalog, call.Name(node), call.Version(node), ct);
            if (call.Value(file) is not null && call.Value(signed))
                throw new UsageException("--signed is for all files; for one, use the address that 'urls --file' prints.");
            if (call.Value(file) is { } path)
                await DownloadOneAsync(call, reader, path, call.Value(output), ct);
            else
                await DownloadAllAsync(call, reader, call.Value(output) ?? FolderName(reader.Node), call.Value(signed), ct);
        });
    }

    public static Command Verify(
        NodeArgument node,
        Func<CatalogClient, QualifiedName, VersionRef, IProgress<WorkProgress>?, CancellationToken, Task<Verification>> verify)
    {
        var command = new Command("verify", "Has the server hash a version's files again, and records the outcome");
        node.AddTo(command);
        return command.Answers(async (call, ct) =>
        {
            var outcome = await call.WatchAsync(p => verify(call.Catalog, call.Name(node), call.Version(node), p, ct));
            if (call.Screen.IsJson)
            {
                call.Screen.Json(outcome);
            }
            else
            {
                var size = $"{Plain.Files(outcome.Files)}, {Plain.Bytes(outcome.Bytes)}";
                call.Screen.Line($"{outcome.Node} {(outcome.Verified ? "verified" : "is not what its manifest says")}: {size}");
                foreach (var failure in outcome.Failures)
                    call.Screen.Line($"{failure.Path}: {Plain.Problem(failure.Problem)}");
            }

            return outcome.Verified ? ExitCodes.Done : ExitCodes.Failed;
        });
    }

    public static Command Alias(NodeArgument node, Func<CatalogClient, QualifiedName, string, long, CancellationToken, Task<Receipt>> set)
    {
        var alias = new Argument<string>("alias") { Description = "A word, such as gold or champion" }.NotEmpty();
        var version = new Argument<long>("version") { Description = "The version's number" };
        var command = new Command("alias", "Points an alias to a version") { alias, version };
        node.AddTo(command);
        return command.Does(async (call, ct) => call.Screen.Receipt(
            await set(call.Catalog, call.Name(node), call.Required(alias), call.Required(version), ct),
            $"points to {call.Required(version)}"));
    }

    public static Command Unalias(NodeArgument node, Func<CatalogClient, QualifiedName, string, CancellationToken, Task<Receipt>> remove)
    {
        var alias = new Argument<string>("alias") { Description = "The alias to take away" }.NotEmpty();
        var command = new Command("unalias", "Takes an alias away") { alias };
        node.AddTo(command);
        return command.Does(async (call, ct) => call.Screen.Receipt(
            await remove(call.Catalog, call.Name(node), call.Required(alias), ct),
            "removed"));
    }

    public static Command Retire(NodeArgument node, Func<CatalogClient, QualifiedName, string, CancellationToken, Task<Receipt>> retire)
    {
        var reason = new Option<string>("--reason") { Description = "Why", Required = true };
        var command = new Command("retire", "Takes it out of use; its history stays and its name is not reused") { reason };
        node.AddTo(command);
        return command.Does(async (call, ct) =>
            call.Screen.Receipt(await retire(call.Catalog, call.Name(node), call.Required(reason), ct), "retired"));
    }

    /// <summary>A line each, in a terminal, too: a table would break addresses.</summary>
    private static async Task ShowAsync(Screen screen, IAsyncEnumerable<SignedFile> files, CancellationToken ct)
    {
        if (screen.IsJson)
        {
            await screen.ListAsync(files, limit: null, ct);
            return;
        }

        await foreach (var file in files.WithCancellation(ct))
        {
            var bytes = file.Bytes.ToString(CultureInfo.InvariantCulture);
            screen.Row(file.Path, bytes, file.Sha256, Plain.Time(file.ExpiresAt), file.Url.OriginalString);
        }
    }

    private static async Task DownloadAllAsync(Call call, VersionReader reader, string folder, bool signed, CancellationToken ct)
    {
        var paths = await call.WatchAsync(p =>
            signed ? reader.DownloadSignedAsync(folder, p, ct) : reader.DownloadAsync(folder, p, ct));
        if (call.Screen.IsJson)
            call.Screen.Json(new { reader.Node, Folder = Path.GetFullPath(folder), Files = paths });
        else
            call.Screen.Line($"{reader.Node}: {Plain.Files(paths.Count)} in {folder}");
    }

    private static async Task DownloadOneAsync(Call call, VersionReader reader, string path, string? output, CancellationToken ct)
    {
        // Only its path is known, and enough: the server names the hash that the bytes are checked against.
        var file = new VersionFile(path, Uri: "", Bytes: null, Rows: null, Sha256: null);
        if (output == "-")
        {
            await using var from = await reader.OpenAsync(file, ct);
            await using var to = call.Terminal.OpenOut();
            await from.CopyToAsync(to, ct);
            return;
        }

        var target = output ?? Path.GetFileName(path);
        await call.WatchAsync(async p =>
        {
            await reader.DownloadAsync(file, target, p, ct);
            return file;
        });
        var bytes = new FileInfo(target).Length;
        if (call.Screen.IsJson)
            call.Screen.Json(new { reader.Node, File = path, Bytes = bytes, Path = Path.GetFullPath(target) });
        else
            call.Screen.Line($"{path}: {Plain.Bytes(bytes)} in {target}");
    }

    /// <summary>A folder name for a version: <c>flights@3</c>, with what no file system takes left out.</summary>
    private static string FolderName(NodeId version) =>
        string.Concat($"{version.Name}@{version.Version}".Select(c => IsUnusable(c) ? '_' : c));

    private static bool IsUnusable(char c) => c is ':' or '\\' || Path.GetInvalidFileNameChars().Contains(c);
}
