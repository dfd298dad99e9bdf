using Microsoft.AspNetCore.Routing;

namespace Catalog.Jobs;

/// <summary>Jobs and runs: what there is to call.</summary>
internal static class JobsModule
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        StartRun.Map(routes);
        RecordInput.Map(routes);
        LogParameters.Map(routes);
        LogMetrics.Map(routes);
        TagRun.Map(routes);
        EndRun.Map(routes);
        ShowRun.Map(routes);
        ListRuns.Map(routes);
        ReadMetrics.Map(routes);
        ListJobs.Map(routes);
        ShowJob.Map(routes);
    }
}
