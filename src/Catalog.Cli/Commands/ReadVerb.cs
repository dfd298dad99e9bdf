using System.CommandLine;
using Apache.Arrow;
using Apache.Arrow.Ipc;
using Catalog.Cli.Printing;
using Catalog.Sdk;

namespace Catalog.Cli.Commands;

/// <summary><c>catalog dataset read</c>: columns and rows of a version, to look at or as an Arrow file.</summary>
internal static class ReadVerb
{
    private const int DefaultRows = 20;
    private const int MostRowsABatch = 16_384;

    public static Command Create(VersionVerbs.Open open)
    {
        var dataset = NodeArgument.Dataset(versioned: true);
        var columns = new Option<string[]>("--column", "-c") { Description = "A column; may be given several times", HelpName = "name" };
        var filter = new Option<string?>("--filter")
        {
            Description = "What rows have to meet: \"delay >= 15 and carrier in ('AA', 'UA')\"",
        };
        var rows = new Option<int?>("--limit") { Description = $"Rows to show ({DefaultRows} unless told)", HelpName = "rows" }.AtLeast(1);
        var shard = new Option<int?>("--shard") { Description = "Which part of --shards, from 0", HelpName = "part" }.AtLeast(0);
        var shards = new Option<int?>("--shards") { Description = "Into how many parts the version is cut", HelpName = "parts" }.AtLeast(1);
        var order = new TrainingOptions();
        var output = new Option<string?>("--output", "-o")
        {
            Description = "Write all rows to an Arrow stream file; - for standard output",
        };
        var command = new Command("read", "Reads columns and rows of a version of Parquet files")
        {
            columns, filter, rows, shard, shards, output,
        };
        order.AddTo(command);
        dataset.AddTo(command);
        return command.Does(async (call, ct) =>
        {
            var reader = await open(call.Catalog, call.Name(dataset), call.Version(dataset), ct);
            var limit = call.Value(rows) ?? DefaultRows;
            var query = new ColumnQuery
            {
                Columns = call.Value(columns) is { Length: > 0 } some ? some : null,
                Filter = call.Value(filter),
                Shard = call.Value(shard) ?? 0,
                Shards = call.Value(shards) ?? 1,
                BatchRows = call.Value(output) is null ? Math.Min(limit, MostRowsABatch) : null,
            };
            await using var stream = await RowStream.OpenAsync(reader, query, order.Of(call, query), ct);
            NotShown.Tell(call.Terminal, stream.Masked, stream.IsFiltered);
            if (call.Value(output) is { } target)
                await SaveAsync(call, stream, target, ct);
            else
                await ShowAsync(call.Screen, stream, limit, ct);
        });
    }

    private static async Task ShowAsync(Screen screen, RowStream stream, int limit, CancellationToken ct)
    {
        var rows = new List<IReadOnlyList<string?>>();
        await foreach (var next in stream.BatchesAsync(ct))
        {
            using var batch = next;
            for (var row = 0; row < batch.Length && rows.Count < limit; row++)
                rows.Add([.. batch.Arrays.Select(column => ArrowText.Of(column, row))]);
            if (rows.Count == limit)
                break;
        }

        var names = stream.Schema.FieldsList.Select(f => f.Name).ToList();
        if (screen.IsJson)
            screen.Json(rows.Select(r => names.Zip(r).ToDictionary(c => c.First, c => c.Second, StringComparer.Ordinal)));
        else
            screen.Table(rows, [.. names.Select((name, i) => new Shown<IReadOnlyList<string?>>(name, r => r[i]))]);
    }

    /// <summary>The file appears under its name when it is whole.</summary>
    private static async Task SaveAsync(Call call, RowStream stream, string target, CancellationToken ct)
    {
        if (target == "-")
        {
            await using var output = call.Terminal.OpenOut();
            await WriteAsync(stream, output, ct);
            return;
        }

        var partial = $"{target}.{Guid.CreateVersion7():N}.part";
        try
        {
            long rows;
            await using (var file = new FileStream(partial, FileMode.CreateNew, FileAccess.Write))
                rows = await WriteAsync(stream, file, ct);
            File.Move(partial, target, overwrite: true);
            var bytes = new FileInfo(target).Length;
            call.Screen.Show(
                new { stream.Version, File = Path.GetFullPath(target), Rows = rows, Bytes = bytes, Token = stream.Token?.ToString() },
                ("version", stream.Version.ToString()),
                ("file", target),
                ("rows", call.Screen.Count(rows)),
                ("size", call.Screen.Bytes(bytes)),
                ("token", stream.Token?.ToString()));
        }
        finally
        {
            File.Delete(partial);
        }
    }

    private static async Task<long> WriteAsync(RowStream stream, Stream to, CancellationToken ct)
    {
        var rows = 0L;
        using var writer = new ArrowStreamWriter(to, stream.Schema, leaveOpen: true);
        await writer.WriteStartAsync(ct);
        await foreach (var next in stream.BatchesAsync(ct))
        {
            using var batch = next;
            await writer.WriteRecordBatchAsync(batch, ct);
            rows += batch.Length;
        }

        await writer.WriteEndAsync(ct);
        return rows;
    }
}
