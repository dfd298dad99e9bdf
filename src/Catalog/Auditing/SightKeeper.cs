using System.Text;
using Catalog.Access;
using Catalog.Access.Principals;
using Catalog.Platform;
using Catalog.Platform.Projections;
using Marten;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Catalog.Auditing;

/// <summary>
/// Keeps <see cref="SightTable"/> in step with policies while this server leads. A login role is the principal of its name, with the role
/// reader. Where no statement can be against what it looks at, everything is listed for it by one row; else every node is asked about.
/// </summary>
/// <remarks>
/// Nodes are read before policies are waited for that include the log up to then: a node is judged with the tags that it came with.
/// </remarks>
internal sealed partial class SightKeeper(
    IDocumentStore store, ProjectionLeader leader, PolicyFollower policies, PrincipalStandings standings, TimeProvider clock,
    ILogger<SightKeeper> log) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(2);

    /// <summary>How old answers become that the time alone can change.</summary>
    private static readonly TimeSpan BetweenTurns = TimeSpan.FromSeconds(5);

    /// <summary>Many nodes take long: it rests so many times as long as it worked.</summary>
    private const int Rest = 4;

    private readonly Guid _writer = Guid.CreateVersion7();
    private bool _writes;
    private (SqlAudience Audience, PolicyView View, string Standing)? _last;
    private long _judgedAt;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var (began, pause) = (clock.GetTimestamp(), Pause);
            try
            {
                if (leader.Leads && policies.IsRead)
                    await KeepAsync(stoppingToken);
                else
                    Drop();
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                Drop();
                LogFails(e, e.Message);
                pause = PauseAfterFailure;
            }

            var rest = clock.GetElapsedTime(began) * Rest;
            await Task.Delay(rest > pause ? rest : pause, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Drop() => (_writes, _last) = (false, null);

    private async Task KeepAsync(CancellationToken ct)
    {
        await using var connection = store.Storage.Database.CreateConnection();
        await connection.OpenAsync(ct);
        if (!_writes)
        {
            await SightRows.TakeOverAsync(connection, _writer, ct);
            _writes = true;
        }

        var audience = await SqlAudience.ReadAsync(connection, ct);
        if (await policies.ReachAsync(audience.End, ct) is not null)
            return;
        var roles = await LetInAsync(audience, ct);
        var (view, standing) = (policies.Current, string.Join('\n', roles));
        var isSame = _last is { } last && ReferenceEquals(last.View, view) && last.Audience == audience && last.Standing == standing;
        if (isSame && !(view.Policies.TurnsWithTime && clock.GetElapsedTime(_judgedAt) > BetweenTurns))
            return;

        IReadOnlyList<string> nodes = [];
        if (roles.Any(role => view.Policies.CanBind(role, Act.Read)))
        {
            (nodes, var end) = await SightRows.ReadNodesAsync(connection, ct);
            if (await policies.ReachAsync(end, ct) is not null)
                return;
            view = policies.Current;
        }

        await SightRows.WriteAsync(connection, _writer, Judge(audience, roles, nodes, view), audience.Reached, ct);
        (_last, _judgedAt) = ((audience, view, standing), clock.GetTimestamp());
    }

    /// <summary>Those that are not shut out as principals.</summary>
    private async Task<IReadOnlyList<string>> LetInAsync(SqlAudience audience, CancellationToken ct)
    {
        var roles = new List<string>();
        foreach (var role in audience.Roles)
        {
            if (await standings.RefusalAsync(role, ct) is null)
                roles.Add(role);
        }

        return roles;
    }

    private Dictionary<string, IReadOnlySet<string>> Judge(
        SqlAudience audience, IReadOnlyList<string> roles, IReadOnlyList<string> nodes, PolicyView view)
    {
        var now = clock.GetUtcNow();
        var everything = new HashSet<string>(StringComparer.Ordinal) { SightTable.Everything };
        var sight = new Dictionary<string, IReadOnlySet<string>>(StringComparer.Ordinal) { [audience.Owner] = everything };
        var known = new Lazy<List<(string Text, NodeId? Node)>>(() => [.. Known(nodes)]);
        foreach (var role in roles)
        {
            sight[role] = view.Policies.CanBind(role, Act.Read)
                ? known.Value.Where(n => view.LetsLook(role, n.Node, now)).Select(n => n.Text).ToHashSet(StringComparer.Ordinal)
                : everything;
        }

        return sight;
    }

    /// <summary>Nodes, and the catalog itself; streams of keys, groups and the like are shown to those who see everything.</summary>
    private static IEnumerable<(string Text, NodeId? Node)> Known(IEnumerable<string> nodes)
    {
        foreach (var text in nodes)
        {
            if (text == CatalogState.Stream)
                yield return (text, null);
            else if (NodeId.TryParse(text, out var node, out _) && Encoding.UTF8.GetByteCount(text) <= SightTable.MaxNodeBytes)
                yield return (text, node);
        }
    }

    [LoggerMessage(2030, LogLevel.Error, "Who may see what in SQL cannot follow policies now, and stays as it is: {Why}")]
    private partial void LogFails(Exception e, string why);
}
