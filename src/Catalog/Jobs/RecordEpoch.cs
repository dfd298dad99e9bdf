using System.Globalization;
using Catalog.Access;
using Catalog.Platform.Writes;

namespace Catalog.Jobs;

/// <summary>
/// Records on a run that it reads a shard of an epoch; the version becomes an input of the run where it is none yet. It is part of reading,
/// so it refuses nothing: a read for a run that has ended, that is not there, or that the caller may not write to is served all the same,
/// and not recorded.
/// </summary>
internal sealed class RecordEpoch(WritePath writes, Gate gate)
{
    /// <summary>Ways of reading that a run keeps apart; its state is stored with each.</summary>
    private const int MaxWays = 1_000;

    /// <summary>Ranges of epochs of all shards and ways.</summary>
    private const int MaxRanges = 10_000;

    public static Decision Decide(Run? run, Guid id, RunEpochRead read) =>
        run is null ? Decision.Refuse("run.not_found", $"There is no 'run:{id}'.")
        : EpochsRead.Has(run.Epochs, read) ? Decision.Unchanged
        : RunRules.NotRunning(run, id, out var no) ? no
        : run.Epochs.Count >= MaxWays
            ? Decision.Refuse("run.too_many_reads", $"'run:{id}' has read in {MaxWays:N0} ways; no more are kept.")
        : run.Epochs.Sum(e => e.Read.Sum(s => s.Epochs.Count)) >= MaxRanges
            ? Decision.Refuse("run.too_many_reads", $"'run:{id}' has read {MaxRanges:N0} ranges of epochs; no more are kept.")
        : run.Inputs.Any(i => i.Dataset == read.Dataset) ? Decision.Accept(read)
        : Decision.Accept(new RunInputRead(read.Dataset, Number(read.Dataset), Role: null), read);

    /// <returns>Null where the run has it now; else the code of why not.</returns>
    public async Task<string?> RecordAsync(Guid id, RunEpochRead read, CancellationToken ct)
    {
        if (gate.Ask(Act.Run, NodeId.Run(id)).Refusal is { } no)
            return no.Code;
        try
        {
            var written = await writes.DecideAsync<Run>(Run.StreamId(id), run => Decide(run, id, read), ct);
            return (written.Decision as Decision.Refused)?.Code;
        }
        catch (CatalogBusyException)
        {
            return "catalog.busy";
        }
    }

    private static string Number(NodeId version) => version.VersionNumber?.ToString(CultureInfo.InvariantCulture) ?? "";
}
