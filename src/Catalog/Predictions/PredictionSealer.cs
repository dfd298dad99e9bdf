using Catalog.Access;
using Catalog.Platform;
using Marten;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Catalog.Predictions;

/// <summary>
/// Seals what has waited long enough, or is enough, forgets what was sealed a while ago, and notes what was lost. Every server does; of two
/// that seal the same, one makes the version.
/// </summary>
internal sealed partial class PredictionSealer(
    IServiceScopeFactory scopes, IDocumentStore store, PredictionOptions options, PredictionLosses losses, TimeProvider clock,
    ILogger<PredictionSealer> log) : BackgroundService
{
    /// <summary>How long a model is left alone that could not be sealed: an attempt stores a file, and may write down a run.</summary>
    private static readonly TimeSpan PauseAfterRefusal = TimeSpan.FromMinutes(1);

    private readonly Dictionary<NodeId, long> _refused = [];

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await NoteLossesAsync(cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogLater(e.Message);
        }
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        HostedServices.UntilStoppedAsync(LookAsync, options.Look, clock, e => LogLater(e.Message), stoppingToken);

    private async Task LookAsync(CancellationToken ct)
    {
        await NoteLossesAsync(ct);
        foreach (var model in await PredictionTable.DueAsync(store, options.SealedTogether, clock.GetUtcNow() - options.SealAfter, ct))
        {
            if (!_refused.TryGetValue(model, out var since) || clock.GetElapsedTime(since) > PauseAfterRefusal)
                await TrySealAsync(model, ct);
        }

        await PredictionTable.ForgetAsync(store, clock.GetUtcNow() - options.Remembered, ct);
    }

    /// <summary>One model that cannot be sealed is no reason for the others to wait.</summary>
    private async Task TrySealAsync(NodeId model, CancellationToken ct)
    {
        try
        {
            _refused.Remove(model);
            if (await SealAsync(model, ct) is not { } problem)
                return;
            LogNotSealed(model.ToString(), problem.Detail);
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            LogNotSealed(model.ToString(), e.Message);
        }

        _refused[model] = clock.GetTimestamp();
    }

    private async Task<Problem?> SealAsync(NodeId model, CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<Caller>().Become(Identity.Server);
        var dataset = PredictionNames.DatasetOf(model);
        return scope.ServiceProvider.GetRequiredService<Gate>().Ask(Act.Commit, dataset).Refusal
            ?? (await scope.ServiceProvider.GetRequiredService<SealPredictions>().SealAsync(model, ct)).Problem;
    }

    private async Task NoteLossesAsync(CancellationToken ct)
    {
        foreach (var (model, lost) in await losses.NoteAsync(store, ct))
            LogLost(lost, model);
    }

    [LoggerMessage(6102, LogLevel.Warning, "{Predictions} predictions of {Model} were lost: there was no room, or no database.")]
    private partial void LogLost(long predictions, string model);

    [LoggerMessage(6103, LogLevel.Warning, "Predictions of {Model} wait, and cannot be sealed: {Why}")]
    private partial void LogNotSealed(string model, string why);

    [LoggerMessage(6104, LogLevel.Warning, "What is due of predictions is done later: {Why}")]
    private partial void LogLater(string why);
}
