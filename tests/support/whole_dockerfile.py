"""A Dockerfile with every kind of instruction that makes ops or history."""

WHOLE = """\
FROM scratch AS a
ARG X=1
ENV Y="a b" Z=$X
WORKDIR /app
COPY --chown=1:2 --chmod=640 a b/ dst/
COPY --link --chown=1000: <<E1 <<"E2" /h/
v=$Y
E1
raw $Y
E2
RUN --mount=type=cache,target=/root/.c,uid=5 --mount=type=secret,id=k,env=K --mount=target=/src,rw echo "$X \\$Y"
ADD https://h/x.tgz /d/
ADD --unpack=false x.tar /e/
HEALTHCHECK --interval=5s CMD echo hi
EXPOSE 80/TCP 7000-7001/udp
CMD echo $Y
LABEL a=b "c d"=e
VOLUME /v
"""
